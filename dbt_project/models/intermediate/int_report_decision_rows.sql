{{ conform('report_decision') }}
