{{ uncounted('subscription', ref('int_subscription_rows'), ref('fct_subscriptions')) }}
