{{ uncounted('competitor_observation', ref('int_competitor_observation_rows'), ref('fct_competitor_observations')) }}
