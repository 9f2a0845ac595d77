{{ generic_staging('market_size') }}
