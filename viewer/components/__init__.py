"""Parts of the page: layout alone, no callbacks."""
