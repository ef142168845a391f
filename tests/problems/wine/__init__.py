"""The problem: from which of three cultivars was a wine made, as its chemistry tells?

178 wines of one region of Italy (Forina et al., 1991), as scikit-learn ships them. A multi-class
problem whose data does not arrive in parts and comes in two files.
"""
