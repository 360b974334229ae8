"""How pages write dates and times, by language; Django asks these modules (FORMAT_MODULE_PATH)."""
