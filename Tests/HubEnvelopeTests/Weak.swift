/// Public keys that are proper PEM and still not good enough; made for these tests, their private halves thrown away.
enum Weak {
    static let rsa1024 = """
        -----BEGIN PUBLIC KEY-----
        MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDAs6V3ETxDqilUvOvp2iqcKWnN
        s/fQDfUSo4vCg4Bmmqcj3a75iIzoIrhxbNruL/JGsPaOj9A3AOAijc0YCTw7ROjT
        3M5TjXjJSeVIKqGgr8MvSiFId1lJ89FkoA87LcWZxdgRaaKYq2vFRZ3Rgr/UGkTQ
        OG/S4bj+y3ypvYqg6QIDAQAB
        -----END PUBLIC KEY-----
        """

    static let p521 = """
        -----BEGIN PUBLIC KEY-----
        MIGbMBAGByqGSM49AgEGBSuBBAAjA4GGAAQBryHZA1etq9pvNd8coojhFG3CZKhS
        ihkfvZ9264fvkEwJngvHs7MeXqv44cT1JIAvNQvQ2ONz3S0iIeoaBD+xRVkA1BhZ
        0DRTu6WQbkvG625kblflhb9CQrD8Ec74YdRwM5lFP02UikNx3pTwQ0mlnfQBHWaQ
        mkckDLB8tO5RGOC3sas=
        -----END PUBLIC KEY-----
        """

    static let x25519 = """
        -----BEGIN PUBLIC KEY-----
        MCowBQYDK2VuAyEAHKNcQRXNT4zr7CqR6MJNboj6Q+v+l7rH+FDrcq0krDk=
        -----END PUBLIC KEY-----
        """

    static let explicitCurve = """
        -----BEGIN PUBLIC KEY-----
        MIIBSzCCAQMGByqGSM49AgEwgfcCAQEwLAYHKoZIzj0BAQIhAP////8AAAABAAAA
        AAAAAAAAAAAA////////////////MFsEIP////8AAAABAAAAAAAAAAAAAAAA////
        ///////////8BCBaxjXYqjqT57PrvVV2mIa8ZR0GsMxTsPY7zjw+J9JgSwMVAMSd
        NgiG5wSTamZ44ROdJreBn36QBEEEaxfR8uEsQkf4vOblY6RA8ncDfYEt6zOg9KE5
        RdiYwpZP40Li/hp/m47n60p8D54WK84zV2sxXs7LtkBoN79R9QIhAP////8AAAAA
        //////////+85vqtpxeehPO5ysL8YyVRAgEBA0IABE+hspvc+6591Eszc1BNEvwi
        AJDGy7OWLNQlD7/gH/QrpzvwMpT5WkYFt/p2lV5mSnfm+rcXPTM0L+kLADiGzAA=
        -----END PUBLIC KEY-----
        """
}
