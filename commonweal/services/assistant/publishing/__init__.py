"""How pages and flows come in: from a folder, over the web as a sitemap names them, from another system by the API."""
