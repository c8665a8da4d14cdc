"""Small parts that more than one wing needs."""
