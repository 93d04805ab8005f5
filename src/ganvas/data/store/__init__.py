"""Data sets kept in the cache: imported once, written whole, mapped into memory ever after."""
