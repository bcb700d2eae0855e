"""开机前导页, frames before the desktop appears."""
