// Not private, as elsewhere: these are for the other files of this folder, which hold the same pointers.
internal import COpenSSL
import HubModel

/// Names of certificates as texts.
enum LibraryName {
    /// RFC 4514 with UTF-8 as it is; empty for a name that cannot be printed.
    static func text(_ name: OpaquePointer?) -> String {
        guard let name = unsafe name, let memory = unsafe BIO_new(BIO_s_mem()) else { return "" }
        defer { unsafe BIO_free_all(memory) }
        guard unsafe X509_NAME_print_ex(memory, name, 0, hub_name_flags()) >= 0 else {
            OpenSSLFailure.discard()
            return ""
        }
        var start: UnsafeMutablePointer<CChar>?
        let count = unsafe hub_bio_mem_data(memory, &start)
        return unsafe String(
            decoding: UnsafeRawBufferPointer(start: start, count: max(0, count)), as: UTF8.self)
    }
}

/// Times of certificates, whole seconds in UTC.
enum LibraryTime {
    /// `nil` for a time that does not exist or is not written as DER asks.
    static func moment(_ value: UnsafePointer<ASN1_TIME>?) -> Timestamp? {
        guard let value = unsafe value else { return nil }
        var parts = unsafe tm()
        guard unsafe ASN1_TIME_to_tm(value, &parts) == 1,
            let date = unsafe CivilDate(
                year: Int(parts.tm_year) + 1900, month: Int(parts.tm_mon) + 1, day: Int(parts.tm_mday)
            )
        else {
            OpenSSLFailure.discard()
            return nil
        }
        let time = unsafe CivilTime(
            date: date, hour: Int(parts.tm_hour), minute: Int(parts.tm_min), second: Int(parts.tm_sec)
        )
        return time.timestamp(offset: 0)
    }

    /// The last whole second that is not after the moment.
    static func seconds(_ moment: Timestamp) -> Int {
        let (quotient, remainder) = moment.nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
        return Int(remainder < 0 ? quotient - 1 : quotient)
    }

    /// Writes a moment over a time of the library's; UTCTime until 2049, GeneralizedTime after (RFC 5280,
    /// 4.1.2.5).
    static func set(_ value: UnsafeMutablePointer<ASN1_TIME>?, to moment: Timestamp) -> Bool {
        guard let value = unsafe value else { return false }
        return unsafe ASN1_TIME_set(value, time_t(Self.seconds(moment))) != nil
    }
}

/// Object identifiers as dotted decimals.
enum LibraryObject {
    static func text(_ object: OpaquePointer?) -> String? {
        guard let object = unsafe object else { return nil }
        return unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer in
            let count = unsafe OBJ_obj2txt(buffer.baseAddress, Int32(buffer.count), object, 1)
            // A longer one is cut off by the library; nobody uses such identifiers.
            guard count > 0, Int(count) < buffer.count, let start = buffer.baseAddress else { return nil }
            return unsafe String(cString: start)
        }
    }

    /// Lends the object of a dotted decimal; `nil` if it is none.
    static func with<Value>(_ text: String, _ body: (OpaquePointer) -> Value) -> Value? {
        guard let object = unsafe OBJ_txt2obj(text, 1) else {
            OpenSSLFailure.discard()
            return nil
        }
        defer { unsafe ASN1_OBJECT_free(object) }
        return unsafe body(object)
    }
}

/// Bytes that the library wrote into memory of its own.
enum LibraryBytes {
    /// Copies and frees what an `i2d` function with an empty pointer made; the caller drains the error queue.
    static func encoded(_ body: (UnsafeMutablePointer<UnsafeMutablePointer<UInt8>?>) -> Int32) -> [UInt8]? {
        var start: UnsafeMutablePointer<UInt8>?
        let count = unsafe body(&start)
        guard count > 0, let bytes = unsafe start else { return nil }
        defer { unsafe hub_free(bytes) }
        return unsafe [UInt8](UnsafeBufferPointer(start: bytes, count: Int(count)))
    }

    /// The big-endian bytes of a number without its sign; `nil` for a negative one.
    static func magnitude(_ number: UnsafePointer<ASN1_INTEGER>?) -> [UInt8]? {
        guard let number = unsafe number, let big = unsafe ASN1_INTEGER_to_BN(number, nil) else {
            OpenSSLFailure.discard()
            return nil
        }
        defer { unsafe BN_free(big) }
        guard unsafe BN_is_negative(big) == 0 else { return nil }
        var bytes = [UInt8](repeating: 0, count: max(1, Int(unsafe BN_num_bits(big) + 7) / 8))
        _ = unsafe bytes.withUnsafeMutableBufferPointer { buffer in
            unsafe BN_bn2binpad(big, buffer.baseAddress, Int32(clamping: buffer.count))
        }
        return bytes
    }

    /// Lends a number of the library's made from big-endian bytes.
    static func withInteger<Value>(
        _ magnitude: [UInt8], _ body: (UnsafeMutablePointer<ASN1_INTEGER>) -> Value
    ) -> Value? {
        guard let big = unsafe BN_bin2bn(magnitude, Int32(clamping: magnitude.count), nil) else { return nil }
        defer { unsafe BN_free(big) }
        guard let number = unsafe BN_to_ASN1_INTEGER(big, nil) else { return nil }
        defer { unsafe ASN1_INTEGER_free(number) }
        return unsafe body(number)
    }

    /// Reads the whole of some bytes with a `d2i` function; `nil` if it refuses or leaves some.
    ///
    /// The caller drains the error queue.
    static func decode<Pointer>(
        _ der: [UInt8], free: (Pointer) -> Void,
        _ body: (UnsafeMutablePointer<UnsafePointer<UInt8>?>, Int) -> Pointer?
    ) -> Pointer? {
        unsafe der.withUnsafeBufferPointer { buffer -> Pointer? in
            guard let start = buffer.baseAddress else { return nil }
            var cursor: UnsafePointer<UInt8>? = unsafe start
            guard let value = unsafe body(&cursor, buffer.count) else { return nil }
            guard unsafe cursor == start + buffer.count else {
                free(value)
                return nil
            }
            return value
        }
    }
}
