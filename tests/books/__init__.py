"""The books: every test on SQLite and on PostgreSQL, as the application's role."""
