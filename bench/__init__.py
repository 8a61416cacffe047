"""Speed, as ratios within one run (DESIGN §7). Nothing here judges an absolute number."""
