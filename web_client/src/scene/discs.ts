/** Soft shadows under people and rings on the floor. */
import * as THREE from "three";

export function disc(): THREE.BufferGeometry {
  const g = new THREE.PlaneGeometry(1, 1).rotateX(-Math.PI / 2);
  return g;
}

function discMaterial(body: string): THREE.ShaderMaterial {
  return new THREE.ShaderMaterial({
    transparent: true,
    depthWrite: false,
    vertexShader: `attribute vec4 accent; varying vec2 vAt; varying float vAlpha; varying vec3 vTint;
      void main() { vAt = position.xz * 2.0; vAlpha = accent.a; vTint = instanceColor;
      gl_Position = projectionMatrix * modelViewMatrix * instanceMatrix * vec4(position, 1.0); }`,
    fragmentShader: `varying vec2 vAt; varying float vAlpha; varying vec3 vTint;
      void main() { float d = length(vAt); ${body}
      #include <colorspace_fragment>
      }`,
  });
}

export function blobMaterial(): THREE.Material {
  return discMaterial("gl_FragColor = vec4(vec3(0.09, 0.07, 0.05), 0.62 * vAlpha * pow(max(0.0, 1.0 - d), 1.4));");
}

export function ringMaterial(): THREE.Material {
  return discMaterial("float a = smoothstep(0.86, 0.9, d) * (1.0 - smoothstep(0.95, 0.99, d)) + 0.16 * smoothstep(0.3, 0.9, d) * step(d, 0.92); gl_FragColor = vec4(vTint, a * vAlpha);");
}
