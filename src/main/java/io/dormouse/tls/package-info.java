/**
 * How is a transport made secure? {@link io.dormouse.tls.TlsTransport} is a transport over another
 * one, with the platform's {@link javax.net.ssl.SSLEngine} between; {@link
 * io.dormouse.tls.SecureDialer} brings one to where it is to go, and {@link
 * io.dormouse.tls.TlsClient} says whom to trust. {@code TlsFailure} has the words for what may go
 * wrong.
 *
 * <p>Loop only, except where a method says otherwise: the arithmetic of a handshake, and whatever
 * code of the app takes part in it, runs elsewhere. Null only where {@code @Nullable} says so.
 */
@NullMarked
package io.dormouse.tls;

import org.jspecify.annotations.NullMarked;
