"""What played where and how often (播放统计): over the sums of each day, never over the plays themselves, with what was planned."""
