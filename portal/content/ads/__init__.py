"""广告联播, playlists, the schedule and what plays without one."""
