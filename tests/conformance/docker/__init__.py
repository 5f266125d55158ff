"""What a Docker Engine answers: API 1.41, as recorded from 20.10."""
