"""Forecasts of monthly revenue: the methods, how well each would have done, and the figures to publish."""
