"""What happens in each flow, apart from its pages. Nothing here opens an act; `service.py` does."""
