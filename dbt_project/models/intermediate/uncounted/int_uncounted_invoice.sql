{{ uncounted('invoice', ref('int_invoice_rows'), ref('fct_invoices')) }}
