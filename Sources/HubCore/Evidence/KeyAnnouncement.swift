/// The record by which a hub goes over to another key: an operation in a block that the key before signed, whose subject is the
/// fingerprint of the new one in hexadecimal.
package enum KeyAnnouncement {
    package static let action = "keys.rotate"
}
