package app

import io.dormouse.ConnectionRegistry
import io.dormouse.connection.CloseReason
import io.dormouse.connection.ConnectionState
import io.dormouse.connection.ProxyAuthenticator
import io.dormouse.tcp.Framing
import io.dormouse.tcp.MessageDecoder
import io.dormouse.tcp.TcpConnection
import io.dormouse.testing.Peers
import io.dormouse.testing.SimulatedWorld
import java.net.PasswordAuthentication
import java.net.Proxy
import java.nio.ByteBuffer
import java.time.Duration

/** Null where the library says so, and nowhere else. */
class Pairs : MessageDecoder<String> {
  override fun decode(bytes: ByteBuffer): String? =
    if (bytes.remaining() < 2) null else "" + bytes.get().toInt().toChar() + bytes.get().toInt().toChar()
}

fun main() {
  val pairs = mutableListOf<String>()
  SimulatedWorld().use { world ->
    world.host("203.0.113.1", "echo.example.com").serve(7, Peers.echo())
    val registry: ConnectionRegistry = world.registry().proxyAuthenticator { null }.build()
    registry.use {
      val tcp: TcpConnection =
        registry
          .tcp("tcp")
          .connectTo("echo.example.com", 7)
          .onMessage(Framing.decodedBy({ Pairs() }, 16)) { _, pair -> pairs += pair }
          .register()
      world.lifecycle().onForeground()
      world.await(tcp.whenOpen())
      world.await(tcp.send("hello".toByteArray()))
      world.awaitUntil("two pairs", { pairs.size == 2 }, Duration.ofSeconds(1))
      world.lifecycle().onBackground()
      check(registry.awaitSettled(Duration.ofSeconds(4)))
      val state: ConnectionState = tcp.state()
      val reason: CloseReason? = tcp.snapshot().lastReason().orElse(null)
      check(state == ConnectionState.SUSPENDED && reason != null)
    }
  }
  check(pairs == listOf("he", "ll")) { pairs }

  val nobody = ProxyAuthenticator { null }
  val user: PasswordAuthentication? = nobody.authenticate(Proxy.NO_PROXY)
  check(user?.userName == null)
  check(Pairs().decode(ByteBuffer.allocate(1))?.length == null)
  println("null where it may be: $pairs")
}
