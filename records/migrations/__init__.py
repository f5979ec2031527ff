"""The label database, revision by revision; `records.database.upgrade` runs what is missing."""
