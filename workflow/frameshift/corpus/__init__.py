"""From files of articles to one clean table and a ledger of every input row."""
