"""What keeps work: tables, migrations and the store on SQLite."""
