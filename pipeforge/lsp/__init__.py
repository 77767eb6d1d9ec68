"""The language server: what it says to editors, made by pure functions over a text and a place."""
