"""How ready for production this copy is, by the ML Test Score's 28 tests.

E. Breck, S. Cai, E. Nielsen, M. Salib, D. Sculley: The ML Test Score: A Rubric for ML Production
Readiness and Technical Debt Reduction (IEEE Big Data, 2017).
"""
