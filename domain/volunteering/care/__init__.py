"""The care fund (关爱基金): claims of volunteers for serious illness or accident. Amounts in fen."""
