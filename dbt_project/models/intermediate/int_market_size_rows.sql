{{ conform('market_size') }}
