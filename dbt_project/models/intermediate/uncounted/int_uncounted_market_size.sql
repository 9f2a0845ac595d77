{{ uncounted('market_size', ref('int_market_size_rows'), ref('fct_market_sizes')) }}
