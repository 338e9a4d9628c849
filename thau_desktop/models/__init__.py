"""The models on this disk and those that can be had."""
