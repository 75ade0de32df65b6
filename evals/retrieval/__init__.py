"""How well records are found, on public retrieval sets that are given by folder and never kept here."""
