"""Labels out of the database and in again, in the formats that others read."""
