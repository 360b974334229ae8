"""Identity's screens: allauth's pages with our checks, words and evidence, and our own beside them."""
