package io.dormouse.network;

import java.net.PasswordAuthentication;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;

/** A user and a password, in UTF-8. No text of it shows either. */
final class Credentials {
  private final byte[] user;
  private final byte[] password;

  private Credentials(byte[] user, byte[] password) {
    this.user = user;
    this.password = password;
  }

  static Credentials of(PasswordAuthentication given) {
    return new Credentials(
        given.getUserName().getBytes(StandardCharsets.UTF_8), bytes(given.getPassword()));
  }

  private static byte[] bytes(char[] password) {
    ByteBuffer encoded = StandardCharsets.UTF_8.encode(CharBuffer.wrap(password));
    byte[] bytes = new byte[encoded.remaining()];
    encoded.get(bytes);
    return bytes;
  }

  byte[] user() {
    return user.clone();
  }

  byte[] password() {
    return password.clone();
  }

  @Override
  public String toString() {
    return "a user and a password";
  }
}
