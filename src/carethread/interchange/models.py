"""What came in and went out."""
