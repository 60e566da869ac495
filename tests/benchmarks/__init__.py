"""The benchmarks: `make bench` runs them, and docs/performance.md says what each figure means."""
