"""The Qt window. It may import `thau_desktop`, never the reverse; folders mirror the core's names."""
