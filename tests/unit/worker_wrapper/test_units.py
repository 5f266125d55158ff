"""Docker's memory and CPU units, converted exactly."""

import pytest

from worker_wrapper import units

MI = 1024**2


@pytest.mark.parametrize(
    ("written", "size"),
    [
        ("1000m", 1000 * MI),
        ("1g", 1024 * MI),
        ("1.5G", 1536 * MI),
        ("8192k", 8 * MI),
        ("1000MB", 1000 * MI),
        ("10485760", 10 * MI),
        (10485760, 10 * MI),
        ("10485760b", 10 * MI),
        (" 512m ", 512 * MI),
    ],
)
def test_memory_is_what_docker_takes_it_for(written, size):
    """m is MiB, whatever the case, with or without a b."""
    assert units.memory_bytes(written) == size


@pytest.mark.parametrize(
    ("written", "advice"),
    [
        ("1000Mi", "Write '1000m', as Docker does"),
        ("2Gi", "Write '2g'"),
        ("1000", "1000 bytes; the least that runs is 6m"),
        ("-1", "not a memory size"),
        ("lots", "not a memory size"),
        ("1,5g", "not a memory size"),
        ("1e3m", "not a memory size"),
        ("", "not a memory size"),
        ("5m", "the least that runs"),
    ],
)
def test_an_odd_memory_size_is_refused_with_the_right_spelling(written, advice):
    """What Docker or Kubernetes would take for something else is refused."""
    with pytest.raises(ValueError, match=r"Write|least") as caught:
        units.memory_bytes(written)
    assert advice in str(caught.value)


@pytest.mark.parametrize(
    ("size", "quantity"),
    [
        (1000 * MI, "1000Mi"),
        (1024 * MI, "1Gi"),
        (1536 * MI, "1536Mi"),
        (6 * MI + 1024, "6145Ki"),
        (6 * MI + 1, str(6 * MI + 1)),
    ],
)
def test_a_quantity_is_exact(size, quantity):
    """The largest unit in which it is a whole number."""
    assert units.memory_quantity(size) == quantity


def test_the_kubelet_turns_the_request_back_into_the_weight():
    """By its own formula (MilliCPUToShares): exactly wherever any request does."""
    exact = {milli * 1024 // 1000 for milli in range(1, 5000)}
    for shares in range(2, 4096):
        back = int(units.cpu_request(shares).removesuffix("m")) * 1024 // 1000
        assert back == (shares if shares in exact else shares + 1)


def test_half_of_dockers_default_is_half_a_core():
    """The figure of QFieldCloud's default."""
    assert units.cpu_request(512) == "500m"


@pytest.mark.parametrize("written", ["512", 512, " 2 ", "262144"])
def test_a_weight_is_a_whole_number(written):
    """As text or number."""
    assert units.cpu_shares(written) == int(written)


@pytest.mark.parametrize(
    "written", ["1", "0", "-5", "262145", "0.5", "500m", "", "٥١٢"]
)
def test_an_odd_weight_is_refused(written):
    """With the bounds that the kernel has."""
    with pytest.raises(ValueError, match="from 2 to 262144"):
        units.cpu_shares(written)


@pytest.mark.parametrize("written", ["500m", "2", "1.5", "0.125"])
def test_an_amount_of_cpu_stays_as_it_is_written(written):
    """It is Kubernetes' own spelling already."""
    assert units.cpu_quantity(written) == written


@pytest.mark.parametrize("written", ["500M", "1.2345", "half", "-1", "", "1m5"])
def test_an_odd_amount_of_cpu_is_refused(written):
    """Also what Kubernetes would take with another meaning."""
    with pytest.raises(ValueError, match=r"'500m' or '1\.5'"):
        units.cpu_quantity(written)


@pytest.mark.parametrize("written", ["500Mi", "1Gi", "1.5Gi", "500M", "64k"])
def test_a_memory_quantity_has_a_unit(written):
    """Binary or decimal."""
    assert units.kubernetes_memory(written) == written


@pytest.mark.parametrize("written", ["500m", "500", "500mi", "1 Gi", ""])
def test_a_memory_quantity_that_is_likely_a_mistake_is_refused(written):
    """500m would be half a byte."""
    with pytest.raises(ValueError, match="500Mi"):
        units.kubernetes_memory(written)
