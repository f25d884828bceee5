package app

import io.dormouse.ConnectionRegistry
import io.dormouse.connection.CloseReason
import io.dormouse.connection.ProxyAuthenticator
import io.dormouse.tcp.MessageDecoder
import io.dormouse.tcp.TcpConnection
import java.net.PasswordAuthentication
import java.net.Proxy
import java.nio.ByteBuffer

fun lengthOf(decoder: MessageDecoder<String>, bytes: ByteBuffer): Int =
  decoder.decode(bytes).length // wrong: null if the message is not complete

fun userOf(authenticator: ProxyAuthenticator): PasswordAuthentication =
  authenticator.authenticate(Proxy.NO_PROXY) // wrong: null if there is none

fun nameless(registry: ConnectionRegistry) =
  registry.http(null) // wrong: a name is needed

fun noCallback(registry: ConnectionRegistry) =
  registry.tcp("tcp").onOpen(null) // wrong: so is a callback

class Nothing : MessageDecoder<String> { // wrong: it has no decode(ByteBuffer)
  override fun decode(bytes: ByteBuffer?): String? = null // wrong: nobody passes null
}

fun reasonOf(connection: TcpConnection): CloseReason? =
  connection.snapshot().lastReason().orElse(null) // right

fun messageless(connection: TcpConnection) =
  connection.send(null as ByteArray?) // wrong: there is nothing to send
