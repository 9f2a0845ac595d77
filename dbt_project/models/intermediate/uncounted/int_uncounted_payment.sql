{{ uncounted('payment', ref('int_payment_rows'), ref('fct_payments')) }}
