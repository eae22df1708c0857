"""How the tables became what they are, step by step; a step that was released is never edited."""
