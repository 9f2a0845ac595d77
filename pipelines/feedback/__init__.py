"""What customers write: topics and sentiment of comments, in English and Chinese."""
