"""brapi.dev: B3 shares, funds, ETFs, BDRs and Brazilian indexes."""
