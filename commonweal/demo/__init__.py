"""The demo town: people, agencies, and each service's sample world. Everything goes through `service.py` files."""
