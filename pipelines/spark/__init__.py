"""The same models on Apache Spark, for when one machine is not enough."""
