"""How pages come in: from a folder, or over the web as a sitemap names them; with what schema.org says in them."""
