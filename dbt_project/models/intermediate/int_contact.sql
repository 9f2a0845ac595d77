{{ config(materialized='view') }}

{{ conformed('contact', ref('int_contact_rows')) }}
