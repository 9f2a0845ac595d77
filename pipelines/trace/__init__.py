"""From a published figure to the lines of the sources that it is made of."""
