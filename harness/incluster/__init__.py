"""The harness's programs in a cluster, asked through the API server's proxy."""
