"""The wing that translates: bytes to records and back, one folder per file format."""
