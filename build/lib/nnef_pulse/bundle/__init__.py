"""Bundles: a folder of static files with a manifest; writing, reading and verifying them."""
